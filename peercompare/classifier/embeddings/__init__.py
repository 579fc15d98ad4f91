"""Classifiers on sentence embeddings, frozen or fine-tuned, and stacks of them; needs the extra `embeddings`."""
