"""``python -P -m cli``: how the supervisor starts parts, so that no stray folder shadows a package."""

import sys

from cli.main import main

if __name__ == "__main__":
    sys.exit(main())
