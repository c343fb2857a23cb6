"""Exceptions that both sides know, made like a service's own."""


class NetworkError(Exception):
    def __init__(self, message=None, **kwargs):
        super().__init__(message)
        self.kwargs = kwargs
