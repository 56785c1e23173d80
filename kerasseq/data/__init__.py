"""Text on disk to padded batches of few shapes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "answered_text": ["AnsweredText", "Question"],
        "buckets": ["Buckets"],
        "captioned_images": ["CaptionedImages"],
        "dataset": ["Dataset"],
        "datasets": ["load"],
        "describe_batches": ["describe_batches"],
        "emoji": ["emoji"],
        "images": ["augment_image", "load_image", "read_image"],
        "labelled_text": ["LabelledText"],
        "masked_text": ["MaskedText"],
        "numbers": ["number_pairs"],
        "parallel_text": ["ParallelText"],
        "tagged_text": ["TaggedText"],
    },
)
