"""`python -m exactrelu`: the command line."""

import sys

from exactrelu.cli import main

if __name__ == "__main__":
    sys.exit(main())
