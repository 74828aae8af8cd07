/** `npm test` takes a sample where the whole takes long; STEELYARD_TEST=full takes the whole, as .ci/run does. */
export const isFull = process.env["STEELYARD_TEST"] === "full";
