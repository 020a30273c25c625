"""The words of the register as people read them: identifier to sentence, by kind of word."""

from gongdao.base.i18n import N_
from gongdao.policy.terms import STAGES as ALL_STAGES
from gongdao.register.entry import STAGES

REASONS = {
    "quality": N_("Quality of the goods"),
    "unclear_introduction": N_("Introduced unclearly"),
    "customer_misunderstanding": N_("Misunderstood by the customer"),
    "staff_conduct": N_("Conduct of our staff"),
    "logistics": N_("Delivery and carriers"),
    "other": N_("Another reason"),
}
CHANNELS = {
    "phone": N_("Telephone"),
    "email": N_("E-mail"),
    "chat": N_("Chat"),
    "visit": N_("In person"),
    "letter": N_("Letter"),
    "other": N_("Another way"),
}
SEVERITIES = {
    "low": N_("Minor"),
    "medium": N_("Moderate"),
    "high": N_("Serious"),
    "critical": N_("Very serious"),
}
FAULTS = {
    "none": N_("No fault"),
    "slight": N_("A slight fault"),
    "partial": N_("Partly our fault"),
    "main": N_("Mostly our fault"),
    "full": N_("Entirely our fault"),
}
LIKELY = {"yes": N_("Yes"), "no": N_("No"), "unknown": N_("Not known")}
DEPARTMENTS = {
    "warehouse": N_("Warehouse"),
    "finance": N_("Finance"),
    "marketing": N_("Marketing"),
    "customer_care": N_("Customer care"),
    "purchasing": N_("Purchasing"),
    "production": N_("Production"),
    "logistics": N_("Shipping"),
    "management": N_("Management"),
}
ENDINGS = {
    "settled": N_("Settled"),
    "withdrawn": N_("The customer let it rest"),
    "expired": N_("The customer could not be reached"),
    "out_of_scope": N_("Turned away, with reasons"),
}
WAYS = {"link": N_("through the link"), "paper": N_("on paper"), "told": N_("in words")}
ACTIONS = {
    "amend": N_("Correct the form"),
    "sign": N_("Sign the form"),
    "contact": N_("Note what the customer said"),
    "ask_again": N_("Ask the customer again"),
    "analyse": N_("Write the analysis"),
    "propose": N_("Propose a solution"),
    "approve": N_("Approve the proposal"),
    "send_back": N_("Send it back"),
    "make_link": N_("Make a link for the customer"),
    "note_signature": N_("Signed on paper"),
    "note_refusal": N_("The customer does not agree"),
    "instruct": N_("Instruct a department"),
    "instruct_as_agreed": N_("Instruct as agreed"),
    "report_done": N_("Done"),
    "cancel_instruction": N_("Cancel the instruction"),
    "carried_out": N_("Everything is carried out"),
    "follow_up": N_("Ask the customer afterwards"),
    "learn": N_("Write down what was learned"),
    "take": N_("I look after this"),
    "hand_up": N_("Hand it to somebody higher up"),
    "note": N_("Note"),
    "close": N_("Close without agreement"),
    "reopen": N_("Open again"),
}
#: By the kind that a page asks for.
WORDS: dict[str, dict[str, str]] = {
    "stage": {stage: ALL_STAGES[stage] for stage in STAGES},
    "reason": REASONS,
    "channel": CHANNELS,
    "severity": SEVERITIES,
    "fault": FAULTS,
    "likely": LIKELY,
    "department": DEPARTMENTS,
    "ended": ENDINGS,
    "way": WAYS,
    "action": ACTIONS,
}
