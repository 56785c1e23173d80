"""The saved models that kerasseq loads by name, a folder each."""
