// Moments: the order in which things happen. First every step forwards, then every step back, then the update.

/** Moment 0 to T-1 is a step forwards; T to 2T-1 is one back, from the last step to the first; 2T ends it. */
export function happening(trace, moment) {
  const {time} = trace;
  if (moment < time) return {step: moment, isBack: false, isEnd: false};
  if (moment < 2 * time) return {step: 2 * time - 1 - moment, isBack: true, isEnd: false};
  return {step: 0, isBack: true, isEnd: true};
}

/** The moment at which a step is gone through, on the same way as now. */
export function momentOf(trace, step, now) {
  const {isBack} = happening(trace, now);
  return isBack ? 2 * trace.time - 1 - step : step;
}

/** The last moment of this way: the last answer, or the update. */
export function endOfWay(trace, moment) {
  return moment < trace.time - 1 ? trace.time - 1 : 2 * trace.time;
}
