/** Version of this library; a test holds it against package.json. */
export const LIBRARY_VERSION = '0.1.0';
