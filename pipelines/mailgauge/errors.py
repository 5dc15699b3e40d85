"""What can go wrong in a way a person can act on: each error is one clear sentence."""


class MailgaugeError(Exception):
    """Something failed; the message says what, where and what to do (exit status 1)."""

    exit_status = 1


class UsageError(MailgaugeError):
    """The command or the configuration is wrong (exit status 2)."""

    exit_status = 2


class GateFailedError(MailgaugeError):
    """The quality gate found something critical (exit status 3)."""

    exit_status = 3
