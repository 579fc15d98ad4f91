"""Projects of qualitative-coding tools, in and out, without losing a character or moving a coding.

Readers return a `CodedProject`; `project_to_corpus` makes a corpus folder of one, by a reviewed map of codes.
"""
