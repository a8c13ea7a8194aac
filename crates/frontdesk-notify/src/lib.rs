//! Messages on their way out: the mail that carries a code, and the outbox that shows it.
