//! What bookings cost, and what they leave in the audit.
