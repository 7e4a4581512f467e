"""Identity: enrolment, sessions, passkeys, step-up, dual control, revocation."""
