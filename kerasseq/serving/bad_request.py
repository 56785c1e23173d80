"""What is said to a client whose request is not answered."""


class BadRequest(ValueError):
    """An error in a request: a sentence for its sender, and the HTTP status.

    Args:
        sentence: str.
        status: int.
    """

    def __init__(self, sentence, status=400):
        super().__init__(sentence)
        self.status = status
