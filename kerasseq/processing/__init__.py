"""What a text becomes, and what the numbers mean: one file a kind of task.

Each file holds the way in and the way out side by side, for Python and for a TensorFlow graph.
Tasks, SavedModels, the runtime of a `.tflite` file and training all call it. Nothing here knows
Keras, and TensorFlow is imported only when a graph half is asked for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
