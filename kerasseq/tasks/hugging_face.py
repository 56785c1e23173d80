"""Where `HuggingFaceFolder` was before `kerasseq.pretrained`."""

from kerasseq.pretrained.hugging_face import HuggingFaceFolder

__all__ = ["HuggingFaceFolder"]
