"""Write the machines beside this file: ``python tests/machines/make.py``.

Rules that are no task of carrybit, and come to it with --machine.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent


def written(states, symbols, answers, step):
    """A machine in JSON, a line for each state; ``step(state, symbol)`` is (answer, next state), all by name."""

    def rows(which):
        lines = (
            f"    {json.dumps(state)}: {json.dumps({symbol: step(state, symbol)[which] for symbol in symbols})}"
            for state in states
        )
        return "{\n" + ",\n".join(lines) + "\n  }"

    return (
        "{\n"
        f'  "symbols": {json.dumps(symbols)},\n'
        f'  "answers": {json.dumps(answers)},\n'
        f'  "moves": {rows(1)},\n'
        f'  "outputs": {rows(0)}\n'
        "}\n"
    )


def addition(base):
    """Two digits, lowest first; the answer is a digit of the sum, the state is what is carried."""
    digits = [str(digit) for digit in range(base)]

    def step(state, symbol):
        total = int(state[-1]) + int(symbol[0]) + int(symbol[1])
        return str(total % base), f"carry {total // base}"

    return written(["carry 0", "carry 1"], [a + b for a in digits for b in digits], digits, step)


def division(divisor):
    """A bit of a number, highest first; the answer is a bit of the quotient, the state is the remainder so far."""

    def step(state, symbol):
        quotient, remainder = divmod(2 * int(state[-1]) + int(symbol), divisor)
        return str(quotient), f"remainder {remainder}"

    return written([f"remainder {k}" for k in range(divisor)], ["0", "1"], ["0", "1"], step)


def running_maximum():
    """A digit; the answer is the largest one so far, which is the state, too."""
    digits = [str(digit) for digit in range(10)]

    def step(state, symbol):
        largest = max(state[-1], symbol)
        return largest, f"largest {largest}"

    return written([f"largest {digit}" for digit in digits], digits, digits, step)


def same_as_before():
    """A letter; the answer is whether it is the one before it, and no at the first step."""
    letters = list("abcdefgh")
    states = ["nothing yet", *(f"after {letter}" for letter in letters)]
    return written(
        states, letters, ["no", "yes"], lambda state, symbol: (["no", "yes"][state[-1] == symbol], f"after {symbol}")
    )


MADE = {
    **{f"addition-base-{base}": addition(base) for base in (3, 4, 5, 6)},
    **{f"division-by-{divisor}": division(divisor) for divisor in (3, 5)},
    "running-maximum": running_maximum(),
    "same-as-before": same_as_before(),
}

if __name__ == "__main__":
    for name, text in MADE.items():
        (HERE / f"{name}.json").write_text(text, encoding="utf-8")
