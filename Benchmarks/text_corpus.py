"""Writes descriptions of the length that vision-language models write, one a line.

  python text_corpus.py FILE COUNT

Two to five sentences of everyday words, drawn with a seed: the words do not matter
for speed, their number does (about 25 to 110 tokens).
"""

import random
import sys

WHO = ["a man in a dark jacket", "two young men", "a woman with a stroller", "a cyclist", "the driver of a white van",
       "several bystanders", "a security guard", "three teenagers", "an elderly couple", "a person wearing a helmet"]
DOES = ["walks quickly towards the entrance", "argues loudly and begins to push the other", "breaks a side window",
        "falls to the ground near the crosswalk", "runs out of the shop carrying a bag", "waits at the counter",
        "crosses the road without looking", "throws an object at the parked vehicle", "climbs over the low fence"]
WHERE = ["in a dimly lit car park", "on a busy street corner", "inside a convenience store", "next to the cash register",
         "at the far end of the corridor", "in front of the apartment building", "between two rows of parked cars"]
THEN = ["Moments later smoke rises behind the building", "The others step back and look around",
        "The scene then remains quiet for a while", "A second vehicle stops abruptly", "People nearby start to run away",
        "The camera keeps showing the empty area afterwards", "Someone picks up the items that were dropped"]


def sentence(r):
    text = f"{r.choice(WHO)} {r.choice(DOES)} {r.choice(WHERE)}"
    if r.random() < 0.4:
        text += f", while {r.choice(WHO)} {r.choice(DOES)}"
    return text[0].upper() + text[1:] + "."


def main():
    r = random.Random(5)
    with open(sys.argv[1], "w") as file:
        for _ in range(int(sys.argv[2])):
            parts = [sentence(r) for _ in range(r.choice([1, 1, 2, 2, 2, 3, 3, 4]))]
            file.write(" ".join(parts + [r.choice(THEN) + "."]) + "\n")


if __name__ == "__main__":
    main()
