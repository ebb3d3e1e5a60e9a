const ISO_MS = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/** What is set of the catalog $1, as one JSON object, with types and schedules in the order of bytes. */
export const SELECT_SETTINGS = `SELECT json_build_object('unknownItems', c.unknown_items,
    'undatedSince', to_char(c.undated_since AT TIME ZONE 'UTC', ${ISO_MS}),
    'interactionTypes', (SELECT coalesce(json_agg(json_build_object('name', name, 'trainingWeight', training_weight,
        'halfLifeDays', half_life_days, 'positive', positive, 'excludesSeen', excludes_seen,
        'repeatAfterDays', repeat_after_days, 'repeats', repeats)
        ORDER BY name COLLATE "C"), '[]') FROM interaction_types WHERE catalog_id = $1),
    'schedules', (SELECT coalesce(json_agg(json_build_object('name', name, 'cron', cron, 'timeZone', time_zone,
        'model', kind, 'parameters', parameters, 'gate', gate, 'enabled', enabled, 'missed', missed)
        ORDER BY name COLLATE "C"), '[]') FROM schedules WHERE catalog_id = $1)) AS settings
  FROM catalogs c WHERE id = $1 AND deleted_at IS NULL`;
