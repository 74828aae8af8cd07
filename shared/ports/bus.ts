/** Wake-ups over the bus: a hint that a writer key wants a look. The sweeper stands behind every one of them. */
export interface Bus {
  /** @throws SteelyardError `Unavailable` when the bus did not take it. */
  wake(key: string, atMs?: number): Promise<void>;
}
