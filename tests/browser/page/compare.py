"""Compares the page's model in transformers with the page's own probabilities.

    python compare.py FOLDER

FOLDER is that of the unpacked zip; answers.json lies beside it.
"""

import json
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
from transformers import pipeline  # noqa: E402

folder = sys.argv[1]
with open(os.path.join(folder, "..", "answers.json")) as file:
    answers = json.load(file)
classifier = pipeline("text-classification", model=os.path.join(folder, "model"))
largest = 0.0
for text, expected in answers.items():
    scores = classifier(text, top_k=None, truncation=True, max_length=128)
    for score in scores:
        largest = max(largest, abs(score["score"] - expected[score["label"]]))
print(f"transformers: {len(answers)} texts, largest difference {largest:.1e}")
sys.exit(0 if largest < 1e-4 else 1)
