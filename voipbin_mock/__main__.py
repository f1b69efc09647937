"""`python -m voipbin_mock` is `voipbin-mock`."""

import sys

from voipbin_mock.command.main import main

sys.exit(main())
