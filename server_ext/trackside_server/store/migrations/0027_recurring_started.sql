-- What was started last is told of each of a list, whichever moment it was for.
CREATE INDEX recurring_moments_started ON recurring_moments (recurring, noted)
    WHERE outcome = 'STARTED';
