-- carriers: what the embedded simulator of a carrier remembers (src/gongdao/carriers/simulator.py).
-- It stands for the outside world: nothing else reads it, and it is written on its own. What carriers
-- said of our parcels is in tracking_events, which belongs to shops.

CREATE TABLE carrier_sim_parcels (
    carrier    text NOT NULL,
    tracking   text COLLATE "C" NOT NULL,
    handed_at  timestamptz NOT NULL,
    asked      integer NOT NULL DEFAULT 1,
    PRIMARY KEY (carrier, tracking)
);
