//! Where Frontdesk keeps what it knows: SQLite or PostgreSQL behind one concrete store.
