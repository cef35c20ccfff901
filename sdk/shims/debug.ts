/** simple-peer logs through `debug`; the engine says what matters by events and `explain()`. */
export default () => () => {};
