"""Where the SQL and the templates stand: beside the package when installed, at the top of the tree in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_ROOT = _PACKAGE if (_PACKAGE / "sql").is_dir() else _PACKAGE.parent.parent

SQL = _ROOT / "sql"
REPORTS = _ROOT / "reports"
