"""What a scripted model does, for tests: `from voipbin_mock.ai import Say, Call`."""

from voipbin_mock.areas.ais.live import Line, LiveAicall
from voipbin_mock.areas.ais.models import AiRule
from voipbin_mock.areas.ais.turns import Call, Hang, Say, Silence, Switch, Turn

__all__ = ["AiRule", "Call", "Hang", "Line", "LiveAicall", "Say", "Silence", "Switch", "Turn"]
