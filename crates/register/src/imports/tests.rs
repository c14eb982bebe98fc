//! Stories about the ledger.
