"""The words of the team's pages for what is stored as a code."""

from gongdao.base.i18n import N_

EDUCATIONS: dict[str, str] = {
    "": N_("not noted"),
    "school": N_("Secondary school"),
    "vocational": N_("Vocational school"),
    "college": N_("Junior college"),
    "bachelor": N_("Bachelor's degree"),
    "master": N_("Master's degree or higher"),
}
LINE_KINDS: dict[str, str] = {
    "talk": N_("Open conversation"),
    "case": N_("Case with a clock"),
    "promise": N_("Promise that is due"),
    "note": N_("Note"),
}
LEAVE_ANSWERS: dict[str, str] = {
    "": N_("waits for a lead"),
    "granted": N_("granted"),
    "refused": N_("refused"),
    "withdrawn": N_("taken back"),
}
SWAP_STATES: dict[str, str] = {
    "proposed": N_("waits for the colleague"),
    "accepted": N_("both agree, waits for a lead"),
    "declined": N_("declined"),
    "withdrawn": N_("taken back"),
    "approved": N_("approved"),
    "refused": N_("refused"),
}
WHY_NOBODY: dict[str, str] = {
    "no_remark": N_("no agent in the order's remark"),
    "stranger": N_("the agent in the remark is not of this team"),
}
MONTH_KINDS: dict[str, str] = {
    "order": N_("Sale"),
    "correction": N_("Correction of an earlier month"),
    "mentor": N_("Mentor's bonus"),
}
WORDS: dict[str, dict[str, str]] = {
    "education": EDUCATIONS,
    "line": LINE_KINDS,
    "leave": LEAVE_ANSWERS,
    "swap": SWAP_STATES,
    "why": WHY_NOBODY,
    "month": MONTH_KINDS,
}
