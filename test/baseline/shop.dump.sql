\restrict LVRqF0fWgZVbmDhcUzIqPCWYXFpFHPGXAyeRYIYRVVf

--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: shop; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA shop;


ALTER SCHEMA shop OWNER TO postgres;

--
-- Name: Mood; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public."Mood" AS ENUM (
    'a',
    'b'
);


ALTER TYPE public."Mood" OWNER TO postgres;

--
-- Name: fee(integer); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.fee(i integer) RETURNS numeric
    LANGUAGE sql
    AS $$SELECT price FROM shop.item -- @downgrade
    WHERE id = i$$;


ALTER FUNCTION public.fee(i integer) OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: M; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public."M" (
    mood public."Mood",
    at timestamp with time zone DEFAULT now()
);


ALTER TABLE public."M" OWNER TO postgres;

--
-- Name: TABLE "M"; Type: COMMENT; Schema: public; Owner: postgres
--

COMMENT ON TABLE public."M" IS 'it''s -- @upgrade';


--
-- Name: item; Type: TABLE; Schema: shop; Owner: postgres
--

CREATE TABLE shop.item (
    id integer NOT NULL,
    name text NOT NULL,
    price numeric(8,2) DEFAULT 0,
    CONSTRAINT item_price_check CHECK ((price >= (0)::numeric))
);


ALTER TABLE shop.item OWNER TO postgres;

--
-- Name: Sum; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public."Sum" AS
 SELECT count(*) AS n
   FROM shop.item
  WITH NO DATA;


ALTER TABLE public."Sum" OWNER TO postgres;

--
-- Name: cheap; Type: VIEW; Schema: public; Owner: postgres
--

CREATE VIEW public.cheap AS
 SELECT item.id,
    item.name,
    item.price
   FROM shop.item
  WHERE (item.price < (10)::numeric);


ALTER TABLE public.cheap OWNER TO postgres;

--
-- Name: part; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.part (
    a integer
)
PARTITION BY RANGE (a);


ALTER TABLE public.part OWNER TO postgres;

--
-- Name: part1; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.part1 (
    a integer
);


ALTER TABLE public.part1 OWNER TO postgres;

--
-- Name: item_id_seq; Type: SEQUENCE; Schema: shop; Owner: postgres
--

CREATE SEQUENCE shop.item_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE shop.item_id_seq OWNER TO postgres;

--
-- Name: item_id_seq; Type: SEQUENCE OWNED BY; Schema: shop; Owner: postgres
--

ALTER SEQUENCE shop.item_id_seq OWNED BY shop.item.id;


--
-- Name: part1; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.part ATTACH PARTITION public.part1 FOR VALUES FROM (0) TO (10);


--
-- Name: item id; Type: DEFAULT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.item ALTER COLUMN id SET DEFAULT nextval('shop.item_id_seq'::regclass);


--
-- Name: item item_pkey; Type: CONSTRAINT; Schema: shop; Owner: postgres
--

ALTER TABLE ONLY shop.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (id);


--
-- Name: item_lower_idx; Type: INDEX; Schema: shop; Owner: postgres
--

CREATE INDEX item_lower_idx ON shop.item USING btree (lower(name));


--
-- Name: M; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public."M" ENABLE ROW LEVEL SECURITY;

--
-- Name: M p; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY p ON public."M" USING (true);


--
-- Name: TABLE cheap; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.cheap TO PUBLIC;


--
-- PostgreSQL database dump complete
--


\unrestrict LVRqF0fWgZVbmDhcUzIqPCWYXFpFHPGXAyeRYIYRVVf
