"""What the guard's pages call things, as sentences to be translated."""

from gongdao.base.i18n import N_

SUBJECTS = {
    "message": N_("in a message"),
    "order": N_("on an order"),
    "review": N_("in a review"),
    "buyer": N_("about a buyer"),
    "shop": N_("about a shop"),
    "case": N_("in a case"),
}
ABOUT = {
    "buyer": N_("the buyer's doing"),
    "shop": N_("the shop's doing"),
    "other": N_("somebody else's doing"),
}
LEVELS = {
    "danger": N_("danger"),
    "caution": N_("caution"),
    "calm": N_("slight"),
}
#: Of an account, all that stands against it together.
ACCOUNT_LEVELS = LEVELS | {"calm": N_("nothing weighty")}
VERDICTS = {
    "unmarked": N_("not looked at"),
    "right": N_("right"),
    "wrong": N_("wrong"),
}
BY = {
    "words": N_("the word list"),
    "model": N_("the trained model"),
    "facts": N_("a count over the records"),
}
KINDS = {
    "person": N_("Account"),
    "shop": N_("Shop"),
    "device": N_("Device"),
    "network": N_("Network"),
    "address": N_("Address"),
    "payee": N_("Payee"),
    "phone": N_("Phone"),
}
AUTHORS = {
    "buyer": N_("Buyer"),
    "shop": N_("Shop"),
    "platform": N_("Platform"),
    "system": N_("System"),
}
