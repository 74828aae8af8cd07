/**
 * AMQP 1.0 over TLS on 127.0.0.1. Clients name themselves with SASL ANONYMOUS or MSSBCBS, which says nothing; what they
 * may do is decided per entity by the tokens that they put (grants.ts).
 */
import { createServer, type Server, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import type { Connection } from "rhea";
import type { Bus } from "./bus.ts";
import { Deliverer } from "./deliverer.ts";
import { Peer } from "./peer.ts";
import { createContainer } from "./rhea.ts";
import type { Tls } from "../../platform/wire.ts";

/** As the service offers it. */
const MAX_FRAME_BYTES = 65_536;
const IDLE_TIMEOUT_MS = 240_000;
/** Messages that a client may send ahead of our confirmations. */
const SENDER_CREDIT = 1000;
/** Messages that a session holds unsettled; the service's limit for a link. */
const UNSETTLED_MAX = 5000;
/** Connections of a namespace: "5,000 concurrent AMQP connections". */
const CONNECTIONS_MAX = 5000;

export class AmqpServer {
  readonly #bus: Bus;
  readonly #tls: Tls;
  readonly #deliverer: Deliverer;
  readonly #container = createContainer({
    id: "steelyard-servicebus",
    require_sasl: true,
    tcp_no_delay: true,
    autoaccept: false,
    treat_modified_as_released: false,
    credit_window: SENDER_CREDIT,
  });
  readonly #sockets = new Set<TLSSocket>();
  #server: Server | undefined;

  constructor(bus: Bus, tls: Tls) {
    this.#bus = bus;
    this.#tls = tls;
    this.#deliverer = new Deliverer(bus);
    bus.broker.onReady = (entity) => this.#deliverer.wake(entity);
    const { sasl_server_mechanisms: mechanisms } = this.#container as { sasl_server_mechanisms: SaslMechanisms };
    mechanisms.enable_anonymous();
    mechanisms["MSSBCBS"] = () => ({ outcome: true, username: "MSSBCBS", start: () => {} });
    this.#container.on("error", (error: unknown) => this.#logEnd("a Service Bus connection failed", error));
    this.#container.on("protocol_error", (error: unknown) => this.#logEnd("a client broke the AMQP protocol", error));
    // Clients come and go; without listeners rhea writes to the console or throws.
    for (const event of ["disconnected", "connection_error", "session_error", "sender_error", "receiver_error"])
      this.#container.on(event, () => {});
  }

  get port(): number {
    const address = this.#server?.address() as AddressInfo | null | undefined;
    if (address === undefined || address === null) throw new Error("the Service Bus engine does not listen");
    return address.port;
  }

  /** Port 0 takes a free one. */
  async start(port: number): Promise<void> {
    const server = createServer({ ...this.#tls, maxVersion: "TLSv1.3" }, (socket) => this.#accept(socket));
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    this.dropConnections();
    await closed;
  }

  /** Cuts every connection; clients come again and find no trace of their links. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: TLSSocket): void {
    this.#sockets.add(socket);
    const connection = this.#container.create_connection({
      max_frame_size: MAX_FRAME_BYTES,
      idle_time_out: IDLE_TIMEOUT_MS,
      session_buffer_size: { outgoing: UNSETTLED_MAX },
      reconnect: false,
    } as never);
    const peer = new Peer(this.#bus, this.#deliverer, connection, () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      peer.gone();
      // rhea notices the end of the stream; a destroyed socket only closes.
      (connection as RheaConnection)._disconnected();
    });
    (connection as RheaConnection).accept(socket);
    corkTurns(socket);
  }

  #logEnd(message: string, error: unknown): void {
    this.#bus.log("warn", message, { error: error instanceof Error ? error.message : String(error) });
  }
}

interface SaslMechanisms {
  enable_anonymous(): void;
  [name: string]: () => unknown;
}

interface RheaConnection extends Connection {
  accept(socket: TLSSocket): void;
  /** Internal: stops heartbeats and marks sessions and links as closed; may be called twice. */
  _disconnected(): void;
}

/** rhea writes each frame by itself; what one turn of the event loop writes leaves as one TLS record. */
function corkTurns(socket: TLSSocket): void {
  const write = socket.write.bind(socket) as (...parts: unknown[]) => boolean;
  let corked = false;
  socket.write = (...parts: unknown[]) => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...parts);
  };
}
