"""The one error that a user is meant to read: what was asked, what was got, and the fix."""


class Problem(Exception):
    """A request that cannot be served, for a reason that the user can mend.

    The command line prints it without a traceback and exits with status 2.
    """

    def __init__(self, asked: str, got: str, fix: str) -> None:
        super().__init__(asked, got, fix)
        self.asked, self.got, self.fix = asked, got, fix

    def __str__(self) -> str:
        return f"asked for {self.asked}; got {self.got}; {self.fix}"
