"""Who reads the log of cases; each follower keeps its name for ever."""

from gongdao.flows.notify_parties import notify_parties
from gongdao.jobs.follow import Follower

FOLLOWERS = (Follower("notices", notify_parties),)
