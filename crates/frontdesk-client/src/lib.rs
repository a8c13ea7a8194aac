//! A typed client for every operation of the Backend API.
