"""GenEval: prompts, detections, the rules that judge an image, and the score."""
