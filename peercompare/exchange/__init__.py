"""Projects of qualitative-coding tools, in and out, without losing a character or moving a coding."""
