"""A chain of the size that Toonbank is made for, filled in by SQL: a million customers and a million orders by default.

`fill()` expects an empty, migrated database (benchmarks/harness.py makes one) and leaves rows with which every list, detail
page and search works. The rows agree with each other as the constraints ask, and everything follows from row numbers, so that
two runs are alike. The ledgers and the event log stay empty: these are pages' figures, not the books'.
"""

from collections.abc import Iterator
from dataclasses import dataclass

STAFF = {
    "head_office": None,
    "finance": None,
    "service_agent": None,
    "store_manager": 17,
    "store_associate": 17,
    "franchisee": None,
}
"""Roles of the staff that is made, `<role>@example.org`, and the store of those who work in one."""


def _listed(words: str) -> list[str]:
    return words.split()


_TOWNS = _listed(
    "Alkmaar Almere Amersfoort Amstelveen Apeldoorn Arnhem Assen Barneveld Bergen Bussum Culemborg Delft Deventer Doetinchem "
    "Dordrecht Ede Eindhoven Emmen Enschede Goes Gouda Groningen Haarlem Harderwijk Heerenveen Heerlen Hengelo Hilversum "
    "Hoorn Houten Kampen Leeuwarden Leiden Lelystad Lisse Maastricht Meppel Middelburg Naarden Nijmegen Oss Purmerend "
    "Roermond Roosendaal Rotterdam Schagen Sneek Tiel Tilburg Utrecht Veenendaal Velp Venlo Vlaardingen Wageningen Weert "
    "Woerden Zaandam Zeist Zwolle"
)
_PARTS = ["", " Centrum", " Noord", " Zuid", " Oost", " West", " Station", " Markt", " Boulevard", " Haven"]
_FIRST_NAMES = _listed(
    "Anna Bram Carlijn Daan Eva Femke Gijs Hanna Iris Jeroen Kim Lotte Mees Noor Olivier Pien Quinten René Sanne Teun Ursula "
    "Vera Wout Xander Yara Zoë André Bas Chloé Dirk Els Floor Guus Hilde Imke Jasper Koen Lieke Maud Niek Okke Petra"
)
_LAST_NAMES = _listed(
    "Aalbers Bakker Claassen Dekker Evers Faber Groen Hendriks IJzerman Jansen Kuipers Linders Mulder Nagel Otten Postma "
    "Quist Ravenhorst Smit Tromp Udo Veenstra Wiersma Xavier Ypma Zijlstra Müller Brouwer Citroen Driessen Elzinga Franken "
    "Gerritsen Huizinga Koopmans Landman Meijer Nijland Oudejans Peeters Reinders"
)
_THINGS = _listed(
    "Plaid Kussen Vaas Karaf Handdoek Dekbedovertrek Vloerkleed Tafellamp Fauteuil Kandelaar Theepot Koffiemok Schaal "
    "Dienblad Wandklok Spiegel Mand Krukje Gordijn Badmat Servet Tafelkleed Waterglas Wijnglas Broodplank Pannenlap Deken "
    "Hanglamp Boekenplank Fotolijst Plantenbak Gieter Windlicht Geurkaars Keukendoek Ovenschaal Kookpan Lepel Doos Kapstok"
)
_SERIES = _listed(
    "Loosdrecht Vecht Zaan Amstel Maas Waal Linge Dommel Eem Berkel Dinkel Regge Tjonger Grevelingen Oosterschelde Veluwemeer "
    "Sneekermeer Kaag Braassem Westeinder Nieuwkoop Reeuwijk Biesbosch Markermeer Lauwers"
)
_COLOURS = _listed("oker zand mosgroen oudroze leisteen room inktblauw terracotta antraciet salie café")


@dataclass(frozen=True)
class Size:
    """How many of each. `open_orders` of the orders still wait in a store, each for one piece."""

    customers: int = 1_000_000
    orders: int = 1_000_000
    products: int = 50_000
    returns: int = 30_000
    open_orders: int = 12_000
    stores: int = 600
    everywhere: bool = False  # whether each store has each article, rather than two hundred of them
    ledger: int = 0  # movements of stock and promises that were kept, of years gone by


def fill(size: Size | None = None) -> None:
    """Fill an empty database; takes some minutes at full size."""
    from django.db import connection

    fill_tables(size or Size())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def fill_tables(size: Size) -> None:
    """All of it in one transaction."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL session_replication_role = replica")  # what refers to what is right by construction
        _functions(cursor)
        dropped = _drop_indexes(cursor)
        for statement in _statements(size):
            cursor.execute(statement)
        for definition in dropped:
            cursor.execute(definition)
        _continue_sequences(cursor, size)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        _staff(size)


def _statements(size: Size) -> Iterator[str]:
    for part in (_chain, _range, _stock, _people, _orders, _waiting, _returns, _ledger):
        yield from part(size)


def _functions(cursor) -> None:
    """Numbers as apps.core.numbers makes them, and a word of a list by row number; for this session."""
    cursor.execute("""
        CREATE FUNCTION pg_temp.digits(n bigint) RETURNS text LANGUAGE sql IMMUTABLE
        AS $$ SELECT lpad(((n * 6180339887 + 2718281828) % 10000000000)::text, 10, '0') $$;
        CREATE FUNCTION pg_temp.number(kind text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE
        AS $$ SELECT kind || d || (10 - (
            SELECT sum(CASE WHEN i % 2 = 0 THEN x / 5 + x * 2 % 10 ELSE x END)
            FROM (SELECT i, substr(d, i, 1)::int AS x FROM generate_series(1, 10) i) AS of_digits) % 10) % 10
        FROM pg_temp.digits(n) d $$;
        CREATE FUNCTION pg_temp.pick(words text[], n bigint) RETURNS text LANGUAGE sql IMMUTABLE
        AS $$ SELECT words[(1 + n % cardinality(words))::int] $$;
    """)


def _drop_indexes(cursor) -> list[str]:
    """Drop what is quicker made afterwards; the statements that make it again."""
    cursor.execute("""
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        JOIN pg_class ON pg_class.oid = indrelid
        WHERE NOT indisunique AND relnamespace = 'public'::regnamespace
        AND relname ~ '^(customers|orders|payments|returns|catalogue|inventory)_'
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    """)
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _words(words) -> str:
    return "ARRAY[" + ",".join(f"'{word}'" for word in words) + "]"


def _chain(size: Size) -> list[str]:
    towns, parts = _words(_TOWNS), _words(_PARTS)
    return [
        """INSERT INTO network_legalentity (id, code, name, kind, kvk_number, vat_number, country, currency, time_zone)
        SELECT n, CASE WHEN n = 1 THEN 'OWN' ELSE 'F' || lpad(n::text, 3, '0') END,
            CASE WHEN n = 1 THEN 'Moswijk B.V.' ELSE 'Franchise ' || n END,
            CASE WHEN n = 1 THEN 'own' ELSE 'franchisee' END, '', '', 'NL', 'EUR', 'Europe/Amsterdam'
        FROM generate_series(1, 60) n""",
        f"""INSERT INTO network_location (id, code, name, kind, street, house_number, postcode, city, country, latitude,
            longitude, time_zone, offers_collect, ships_orders, sales_come, active_from)
        SELECT n, 'S' || lpad(n::text, 3, '0'), pg_temp.pick({towns}, n) || pg_temp.pick({parts}, n / {len(_TOWNS)}), 'store',
            'Marktstraat', n::text, (1000 + n * 13) || 'AB', pg_temp.pick({towns}, n), 'NL', 51.2 + n % 60 * 0.035,
            4.1 + n % 37 * 0.07, 'Europe/Amsterdam', true, n % 3 = 0, 'at_once', '2000-01-01'
        FROM generate_series(1::bigint, {size.stores}) n""",
        f"""INSERT INTO network_ownership (id, location_id, legal_entity_id, valid)
        SELECT n, n, CASE WHEN n % 2 = 0 THEN 1 ELSE 2 + n % 59 END, daterange('2020-01-01', NULL)
        FROM generate_series(1::bigint, {size.stores}) n""",
        f"""INSERT INTO network_channel (id, code, name, kind, location_id, seller_id, country, currency, time_zone, locale,
            vat_basis, verifies_email, price_tolerance, collect_days, collect_reminder_days)
        SELECT l.id, l.code, l.name, 'store', l.id, NULL::bigint, 'NL', 'EUR', 'Europe/Amsterdam', 'nl', 'included', false,
            0, 7, 3 FROM network_location l
        UNION ALL SELECT {size.stores + 1}, 'web', 'Webshop', 'webshop', NULL, 1, 'NL', 'EUR', 'Europe/Amsterdam', 'nl',
            'included', true, 0, 7, 3""",
    ]


def _range(size: Size) -> list[str]:
    things, series, colours = _words(_THINGS), _words(_SERIES), _words(_COLOURS)
    name = (
        f"pg_temp.pick({things}, n) || ' ' || pg_temp.pick({series}, n / {len(_THINGS)}) || ' ' || "
        f"pg_temp.pick({colours}, n / {len(_THINGS) * len(_SERIES)}) || ' ' || 10 * (1 + n % 19) || '×' || 10 * (2 + n % 23)"
    )
    rows = f"FROM generate_series(1::bigint, {size.products}) n"
    return [
        """INSERT INTO catalogue_category (id, code, name)
        SELECT n, 'c' || n, 'Groep ' || n FROM generate_series(1, 40) n""",
        f"""INSERT INTO catalogue_product (id, code, category_id, brand, vat_class, active_from, changed_at)
        SELECT n, 'P' || 100000 + n, 1 + n % 40, 'Moswijk', 'standard', '2020-01-01', now() {rows}""",
        f"""INSERT INTO catalogue_producttext (product_id, locale, name, description)
        SELECT n, locale, {name} || CASE locale WHEN 'en' THEN ' (export)' ELSE '' END, ''
        {rows} CROSS JOIN unnest(ARRAY['nl', 'en']) locale""",
        f"""INSERT INTO catalogue_variant (id, product_id, sku, options, unit, active_from)
        SELECT n, n, 'MW-' || 100000 + n, '{{}}', 'piece', '2020-01-01' {rows}""",
        f"""INSERT INTO catalogue_gtin (variant_id, code)
        SELECT n, '0' || base || (10 - (SELECT sum(substr(base, i, 1)::int * CASE WHEN i % 2 = 0 THEN 3 ELSE 1 END)
            FROM generate_series(1, 12) i) % 10) % 10
        FROM generate_series(1::bigint, {size.products}) n CROSS JOIN LATERAL (SELECT (871200000000 + n)::text) AS made (base)""",
        """INSERT INTO catalogue_pricelist (id, code, currency) VALUES (1, 'nl', 'EUR')""",
        """INSERT INTO catalogue_pricelist_channels (pricelist_id, channel_id) SELECT 1, id FROM network_channel""",
        f"""INSERT INTO catalogue_price (variant_id, price_list_id, amount, valid_from)
        SELECT n, 1, 5 + n % 90, '2020-01-01' {rows}""",
        """INSERT INTO catalogue_vatrate (country, vat_class, rate, valid_from)
        VALUES ('NL', 'standard', 21, '2000-01-01'), ('NL', 'reduced', 9, '2000-01-01'), ('NL', 'zero', 0, '2000-01-01')""",
    ]


def _stock(size: Size) -> list[str]:
    levels = """INSERT INTO inventory_stocklevel (variant_id, location_id, condition, owner_id, on_hand, reserved, oversold,
            safety_collect, safety_delivery, changed_at)"""
    owned = "network_location l JOIN network_ownership o ON o.location_id = l.id"
    if size.everywhere:
        return [
            f"""{levels}
            SELECT n, l.id, 'saleable', o.legal_entity_id, (n * 7 + l.id * 13) % 30, 0, 0, 0, 0, now()
            FROM generate_series(1::bigint, {size.products}) n CROSS JOIN {owned} ORDER BY n, l.id"""
        ]
    # Each store has the goods whose number and its own go into 250 together: 200 of 50,000.
    return [
        f"""{levels}
        SELECT 250 * k + 1 + (l.id % 250), l.id, 'saleable', o.legal_entity_id, 20 + k % 9, 0, 0, 0, 0, now()
        FROM {owned} CROSS JOIN generate_series(0, {size.products // 250 - 1}) k ORDER BY l.id, k"""
    ]


def _ledger(size: Size) -> list[str]:
    """What was promised and went in years gone by, spread over all levels; none of it counts any more."""
    if not size.ledger:
        return []
    rows = f"FROM generate_series(1::bigint, {size.ledger}) n"
    return [
        f"""INSERT INTO inventory_reservation (id, key, channel_id, reference, created_at)
        SELECT {size.orders} + n, ('0192d0a4-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, {size.stores + 1},
            'Y-' || n, now() - interval '1 year' {rows}""",
        "CREATE TEMP TABLE level_ids ON COMMIT DROP AS SELECT min(id) AS first, max(id) - min(id) + 1 AS many "
        "FROM inventory_stocklevel",
        f"""INSERT INTO inventory_demand (id, reservation_id, line, variant_id, level_id, quantity, consumed, released)
        SELECT {size.orders} + made.n, {size.orders} + made.n, 1, l.variant_id, l.id, 1, 1, 0
        FROM (SELECT n, first + (n * 7919) % many AS level {rows} CROSS JOIN level_ids) AS made
        JOIN inventory_stocklevel l ON l.id = made.level""",
        """INSERT INTO inventory_stockmovement (cause_type, cause_id, cause_line, kind, part, recorded_on, occurred_at,
            recorded_at, business_date, actor, variant_id, quantity, from_location_id, from_condition, from_owner_id,
            to_condition)
        SELECT 'order', 'Y-' || d.id, 1, 'collect', 0, r.created_at::date, r.created_at, r.created_at, r.created_at::date, '',
            l.variant_id, 1, l.location_id, 'saleable', l.owner_id, ''
        FROM inventory_demand d JOIN inventory_reservation r ON r.id = d.reservation_id
        JOIN inventory_stocklevel l ON l.id = d.level_id WHERE d.consumed > 0""",
    ]


def _people(size: Size) -> list[str]:
    first, last, towns = _words(_FIRST_NAMES), _words(_LAST_NAMES), _words(_TOWNS)
    rows = f"FROM generate_series(1::bigint, {size.customers}) n"
    first_name, last_name = f"pg_temp.pick({first}, n)", f"pg_temp.pick({last}, n / {len(_FIRST_NAMES)})"
    key = "lpad(to_hex(n), 12, '0')"
    return [
        f"""INSERT INTO customers_customer (id, key, name, email, phone, street, house_number, postcode, city, country,
            is_organisation, since)
        SELECT n, ('0192d0a0-0000-7000-8000-' || {key})::uuid, {first_name} || ' ' || {last_name}, 'c' || n || '@example.org',
            '+316' || 10000000 + n, 'Dorpsstraat', (1 + n % 200)::text, (1000 + n % 9000) || 'AB', pg_temp.pick({towns}, n),
            'NL', false, now() - n % 900 * interval '1 day' {rows}""",
        f"""INSERT INTO customers_sourcerecord (id, key, source, external_id, customer_id, recorded_at)
        SELECT n, ('0192d0a1-0000-7000-8000-' || {key})::uuid, 'web', 'web-' || n, n, now() {rows}""",
        f"""INSERT INTO customers_persondetails (source_record_id, first_name, last_name, organisation, email, phone, street,
            house_number, house_number_suffix, postcode, city, country, fingerprint, recorded_at)
        SELECT n, {first_name}, {last_name}, '', 'c' || n || '@example.org', '+316' || 10000000 + n, 'Dorpsstraat',
            (1 + n % 200)::text, '', (1000 + n % 9000) || 'AB', pg_temp.pick({towns}, n), 'NL', n::text, now() {rows}""",
        f"""INSERT INTO customers_identifier (source_record_id, kind, value, verified, recorded_at)
        SELECT n, 'email', 'c' || n || '@example.org', true, now() {rows}
        UNION ALL SELECT n, 'phone', '+316' || 10000000 + n, false, now() {rows}
        UNION ALL SELECT n, 'address', (1000 + n % 9000) || 'AB-' || 1 + n % 200, false, now() {rows}
        UNION ALL SELECT n, 'loyalty_card', (6100000000000 + n)::text, true, now() {rows} WHERE n % 2 = 0""",
        f"""INSERT INTO customers_matchevent (source_record_id, customer_key, kind, evidence, rule_version, actor, recorded_at)
        SELECT n, ('0192d0a0-0000-7000-8000-' || {key})::uuid, 'new', '', '2', 'system', now() {rows}""",
    ]


def _orders(size: Size) -> list[str]:
    """One in six is a web order, half of those to be collected; the others are sold at a till."""
    rows = f"FROM generate_series(1::bigint, {size.orders}) n"
    gap = f"interval '{730 * 86400 // size.orders} seconds'"  # two years of them, the last one now
    return [
        f"""INSERT INTO payments_paymentaccount (id, key, currency, authorised, pending, captured, refunded, unreferenced)
        SELECT n, ('0192d0a2-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'EUR', 0, 0, 2 * (5 + n % 90), 0, false
        {rows}""",
        f"""INSERT INTO payments_tender (account_id, line, method, provider, reference, currency, authorised, pending,
            captured, refunded)
        SELECT n, 1, CASE WHEN n % 6 = 0 THEN 'ideal' ELSE 'pin' END, '', '', 'EUR', 0, 0, 2 * (5 + n % 90), 0 {rows}""",
        f"""INSERT INTO orders_order (id, number, channel_id, external_id, fingerprint, origin, source_record_id, seller_id,
            status, method, location_id, collect_code, payment_account_id, payment_terms, currency, goods_total, charges_total,
            total, vat_total, referral_associate, referral_code, placed_at, business_date, recorded_at, closed_at)
        SELECT n, pg_temp.number('T', n), CASE WHEN n % 6 = 0 THEN {size.stores + 1} ELSE store END, 'X-' || n, '', 'live',
            CASE WHEN n % 6 < 3 THEN 1 + (n * 7919) % {size.customers} END,
            CASE WHEN n % 6 = 0 THEN 1 ELSE owner END,
            CASE WHEN n % 12 = 6 THEN 'delivered' ELSE 'collected' END,
            CASE n % 12 WHEN 0 THEN 'collect' WHEN 6 THEN 'delivery' ELSE 'carry_out' END,
            CASE WHEN n % 12 <> 6 THEN store END,
            CASE WHEN n % 12 = 0 THEN lpad(upper(to_hex((n * 2654435761) % 4294967296)), 8, '0') END,
            n, 'prepaid', 'EUR', 2 * (5 + n % 90), 0, 2 * (5 + n % 90), round(2 * (5 + n % 90) * 21 / 121.0, 2), '', '',
            at, at::date, at, at
        FROM (SELECT n, 1 + (n * 31) % {size.stores} AS store, now() - ({size.orders} - n) * {gap} AS at {rows}) AS made
        JOIN (SELECT location_id, legal_entity_id AS owner FROM network_ownership) AS owned ON location_id = store
        ORDER BY n""",
        f"""INSERT INTO orders_orderline (order_id, line, variant_id, sku, name, quantity, unit_price, discount, amount,
            vat_rate, vat_amount, location_id, associate, method, status, quantity_picked, quantity_fulfilled, quantity_cancelled,
            quantity_returning, quantity_returned)
        SELECT n, line, v.id, v.sku, t.name, 1, 5 + n % 90, 0, 5 + n % 90, 21, round((5 + n % 90) * 21 / 121.0, 2), store, '',
            CASE n % 12 WHEN 0 THEN 'collect' WHEN 6 THEN 'delivery' ELSE 'carry_out' END, 'collected', 1, 1, 0, 0, 0
        FROM (SELECT n, line, 1 + (n * 31) % {size.stores} AS store,
            1 + (n * 104729 + line * 7) % {size.products} AS variant {rows} CROSS JOIN generate_series(1, 2) line) AS made
        JOIN catalogue_variant v ON v.id = variant
        JOIN catalogue_producttext t ON t.product_id = v.product_id AND t.locale = 'nl'
        ORDER BY n, line""",
        f"""INSERT INTO orders_ordercontact (order_id, name, email, phone, street, house_number, postcode, city, country)
        SELECT o.id, c.name, c.email, c.phone, c.street, c.house_number, c.postcode, c.city, 'NL'
        FROM orders_order o JOIN customers_customer c ON c.id = 1 + (o.id * 7919) % {size.customers}
        WHERE o.id % 6 = 0 ORDER BY o.id""",
    ]


def _waiting(size: Size) -> list[str]:
    """The newest orders to be collected wait: two in three to be picked, the others on the counter."""
    newest = f"""SELECT o.id, o.location_id, row_number() OVER (ORDER BY o.id DESC) AS place FROM orders_order o
        WHERE o.method = 'collect' ORDER BY o.id DESC LIMIT {size.open_orders}"""
    return [
        f"CREATE TEMP TABLE waiting ON COMMIT DROP AS SELECT *, place % 3 = 0 AS ready FROM ({newest}) AS newest",
        """UPDATE orders_order o SET status = CASE WHEN ready THEN 'ready' ELSE 'sourced' END, closed_at = NULL,
            ready_at = CASE WHEN ready THEN placed_at END FROM waiting w WHERE o.id = w.id""",
        f"""INSERT INTO inventory_reservation (id, key, channel_id, reference, created_at)
        SELECT id, ('0192d0a3-0000-7000-8000-' || lpad(to_hex(id), 12, '0'))::uuid, {size.stores + 1}, 'X-' || id, now()
        FROM waiting""",
        """CREATE TEMP TABLE held ON COMMIT DROP AS
        SELECT w.id AS reservation, l.id AS level, l.variant_id, row_number() OVER (ORDER BY w.id) AS demand
        FROM waiting w JOIN LATERAL (SELECT id, variant_id FROM inventory_stocklevel l WHERE l.location_id = w.location_id
            ORDER BY variant_id OFFSET w.place % 200 LIMIT 1) AS l ON true""",
        """INSERT INTO inventory_demand (id, reservation_id, line, variant_id, level_id, quantity, consumed, released)
        SELECT demand, reservation, 1, variant_id, level, 1, 0, 0 FROM held""",
        """UPDATE inventory_stocklevel l SET reserved = n, on_hand = GREATEST(on_hand, n)
        FROM (SELECT level, count(*) AS n FROM held GROUP BY level) AS h WHERE h.level = l.id""",
        """UPDATE orders_orderline l SET demand_id = h.demand, variant_id = h.variant_id, sku = v.sku, quantity_fulfilled = 0,
            quantity_picked = CASE WHEN w.ready THEN 1 ELSE 0 END, status = CASE WHEN w.ready THEN 'ready' ELSE 'sourced' END
        FROM held h JOIN waiting w ON w.id = h.reservation JOIN catalogue_variant v ON v.id = h.variant_id
        WHERE l.order_id = h.reservation AND l.line = 1""",
        """UPDATE orders_orderline l SET quantity_fulfilled = 0, quantity_picked = 0, quantity_cancelled = 1,
            status = 'cancelled' FROM waiting w WHERE l.order_id = w.id AND l.line = 2""",
    ]


def _returns(size: Size) -> list[str]:
    step = max(size.orders // max(size.returns, 1), 1)
    chosen = f"""FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id AND l.line = 1
        WHERE o.id % {step} = 1 AND l.status = 'collected' AND o.id < {size.orders}"""
    return [
        f"""INSERT INTO returns_return (id, number, channel_id, external_id, fingerprint, origin, source_record_id, status,
            location_id, return_code, currency, total, occurred_at, business_date, recorded_at, settled_at, withdrawn_because)
        SELECT o.id, pg_temp.number('R', o.id), o.channel_id, 'R-' || o.id, '', 'live', o.source_record_id,
            CASE WHEN o.id % 10 = 1 THEN 'announced' ELSE 'settled' END, COALESCE(o.location_id, 1),
            lpad(upper(to_hex((o.id * 2246822519) % 4294967296)), 8, '0'), 'EUR', l.amount,
            o.placed_at + interval '4 hours', o.business_date, o.placed_at,
            CASE WHEN o.id % 10 <> 1 THEN o.placed_at + interval '5 hours' END, ''
        {chosen}""",
        f"""INSERT INTO returns_returnline (rma_id, line, order_id, order_line_id, variant_id, charge_type, sku, name,
            quantity, unit_price, amount, vat_rate, vat_amount, reason, grade)
        SELECT o.id, 1, o.id, l.id, l.variant_id, '', l.sku, l.name, 1, l.unit_price, l.amount, l.vat_rate, l.vat_amount,
            'changed_mind', '' {chosen}""",
        """UPDATE orders_orderline l SET quantity_returned = CASE WHEN r.status = 'settled' THEN 1 ELSE 0 END,
            quantity_returning = CASE WHEN r.status = 'announced' THEN 1 ELSE 0 END
        FROM returns_returnline x JOIN returns_return r ON r.id = x.rma_id WHERE l.id = x.order_line_id""",
    ]


def _continue_sequences(cursor, size: Size) -> None:
    """What the application adds comes after what stands here."""
    cursor.execute("""
        SELECT c.oid::regclass::text, pg_get_serial_sequence(c.oid::regclass::text, 'id') FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' AND a.attidentity <> ''
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    """)
    for table, sequence in cursor.fetchall():
        cursor.execute(f"SELECT setval('{sequence}', max(id)) FROM {table} HAVING max(id) IS NOT NULL")
    cursor.execute("SELECT setval('core_document_number', %s::bigint)", [size.orders + 1])


def _staff(size: Size) -> None:
    from apps.accounts.models import User
    from apps.network.models import LegalEntity, Location

    for role, store in STAFF.items():
        user = User.objects.create_user(f"{role}@example.org", name=role.replace("_", " ").title())
        location = Location.objects.get(pk=min(store, size.stores)) if store else None
        entity = LegalEntity.objects.get(pk=5) if role == "franchisee" else None
        user.assignments.create(role=role, location=location, legal_entity=entity)
