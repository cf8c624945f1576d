/** A template for a URL path whose route is not known: `/orders/17` is `/orders/:id`. */

/** Deeper paths are file trees or nonsense; the rest is cut off. */
const SEGMENT_LIMIT = 8;

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** @param path without query and fragment */
export function pathTemplate(path: string): string {
  const segments = path.split('/');
  const shown = segments.slice(0, SEGMENT_LIMIT + 1).map(segmentTemplate);
  if (segments.length > shown.length) shown.push('…');
  return shown.join('/') || '/';
}

/** Segments that look like they name one of many things are `:id`; words, versions and file names stay. */
function segmentTemplate(segment: string): string {
  if (/^\d[\d\-:.T+]*Z?$/.test(segment)) return ':id';
  if (UUID.test(segment) || /[%@]/.test(segment) || segment.length > 64) return ':id';
  if (/^[0-9a-f]{8,}$/i.test(segment) && /\d/.test(segment)) return ':id';
  if (/^[\w-]{16,}$/.test(segment) && digitCount(segment) >= 3) return ':id';
  // `sku-00017`, `user_123`, `ORD4711`, but not `v1` or `oauth2`.
  return segment.replace(/^([a-z]+[-_.]?)\d{3,}$/i, '$1:id');
}

function digitCount(text: string): number {
  return text.replace(/\D/g, '').length;
}
