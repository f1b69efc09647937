"""What a scripted model does, and what its jobs come to, for tests: `from voipbin_mock.ai import Say, Call, Done`."""

from voipbin_mock.areas.ai_jobs.outcomes import Done, Failed
from voipbin_mock.areas.ais.live import Line, LiveAicall
from voipbin_mock.areas.ais.models import AiRule
from voipbin_mock.areas.ais.turns import Call, Hang, Say, Silence, Switch, Turn

__all__ = ["AiRule", "Call", "Done", "Failed", "Hang", "Line", "LiveAicall", "Say", "Silence", "Switch", "Turn"]
