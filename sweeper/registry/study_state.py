"""Whether workers may train for a study."""

from typing import Literal

#: Of a paused study workers finish their epoch, save it and wait; of a stopped one they leave. Of a
#: deleted one nothing is left but that it has read test data: it is in no list, and has no trials.
StudyState = Literal["active", "paused", "stopped", "deleted"]

#: What people do to a study, and the state that it is in afterwards.
ACTIONS: dict[str, StudyState] = {"pause": "paused", "resume": "active", "stop": "stopped"}
