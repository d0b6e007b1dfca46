-- What the query generator must know before it reads the migrations: `bedside migrate` makes these schemas itself.
CREATE SCHEMA clock;
CREATE SCHEMA audit;
CREATE SCHEMA auth;
CREATE SCHEMA enrollment;
CREATE SCHEMA licensing;
CREATE SCHEMA scheduling;
