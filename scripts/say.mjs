/** One line of progress, with its time when a start is given. */
export function say(text, started) {
  console.log(started === undefined ? text : `${text.padEnd(36)} ${seconds(started)}`);
}

export function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}
