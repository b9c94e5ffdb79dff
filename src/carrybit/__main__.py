"""``python -m carrybit`` is ``carrybit``."""

import sys

from carrybit.cli import main

sys.exit(main())
