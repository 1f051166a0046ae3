"""What the other revisions change."""

from alembic import op

revision = "base"
down_revision = None

TABLES = """
CREATE TYPE plan AS ENUM ('free', 'pro');
CREATE DOMAIN email_address AS text;
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email varchar(100), name text, age integer,
    status varchar(20), plan plan NOT NULL DEFAULT 'free', payload json, created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_users_email_present CHECK (email IS NOT NULL)
);
CREATE UNIQUE INDEX users_email_idx ON users (email);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id integer NOT NULL, total numeric(10, 2), state text,
    note varchar(50), created_at timestamp NOT NULL DEFAULT now()
);
CREATE INDEX ix_orders_created_at ON orders (created_at);
ALTER TABLE orders ADD CONSTRAINT fk_orders_user_nv FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
CREATE TABLE order_lines (id bigint PRIMARY KEY, order_id bigint NOT NULL, sku text, quantity integer NOT NULL);
CREATE TABLE audit_log (id bigint NOT NULL, uid uuid NOT NULL, action text, CONSTRAINT audit_log_pkey PRIMARY KEY (id));
CREATE UNIQUE INDEX audit_uid_idx ON audit_log (uid);
CREATE TABLE bookings (room int4range, during tsrange);
CREATE TABLE settings (key text PRIMARY KEY, value text);
CREATE TABLE events (at timestamptz NOT NULL, body text) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 (at timestamptz NOT NULL, body text);
CREATE TABLE events_2026 (
    at timestamptz NOT NULL, body text, CHECK (at >= '2026-01-01' AND at < '2027-01-01')
);
CREATE VIEW active_users AS SELECT id, name FROM users WHERE status = 'active';
CREATE MATERIALIZED VIEW order_totals AS SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id;
CREATE UNIQUE INDEX order_totals_user ON order_totals (user_id);
CREATE FUNCTION touch() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE SCHEMA sales;
CREATE TABLE sales."Order Items" (id bigint PRIMARY KEY);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError
