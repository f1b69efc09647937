"""`python -m voipbin_mock` is `voipbin-mock`."""

import sys

from voipbin_mock.cli import main

sys.exit(main())
