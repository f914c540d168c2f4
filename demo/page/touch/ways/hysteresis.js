// From probabilities that flicker to a state that does not.

/** Above `enter` it begins, below `leave` it ends. */
const [ENTER, LEAVE] = [0.75, 0.45];

/** @returns {(probability: number) => boolean} */
export function createSwitch() {
  let on = false;
  return (probability) => {
    on = probability >= (on ? LEAVE : ENTER);
    return on;
  };
}
