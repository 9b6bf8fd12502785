/**
 * Triggers of published weaknesses of file servers, by what they were published as. Each is a request target as it
 * stood on the wire; where the original named a directory or file of its site, ours is named.
 */
export const published: readonly (readonly [name: string, targets: readonly string[]])[] = [
  [
    'CVE-2021-28861, gh-87389: // and enough %2f.. redirect to another origin',
    [
      '//evil.test/..%2f..%2f../sub',
      '//evil.test/..%2f..%2f..%2f..%2f..%2f../%0a%0d/../sub',
      '//evil.test/..%2f..%2f..%2f..%2f..%2f../%0a%0d/../tmp/existing_directory',
    ],
  ],
  [
    'CVE-2015-1164, CVE-2024-43800: redirects of // in serve-static',
    ['//evil.test/%2e%2e', '//evil.test//%2e%2e', '///evil.test/%2e%2e/sub', '//evil.test/../sub'],
  ],
  [
    'CVE-2024-29041, CVE-2024-43796: a URL that parsers read in two ways',
    [
      'http://evil.test\\@localhost/sub',
      'http://localhost@evil.test/sub',
      'http://evil.test//evil.test/..',
      'http:///evil.test/sub',
      'http://evil.test',
      '/http://evil.test/sub',
      '/%09/evil.test/..',
      '/@evil.test/sub',
    ],
  ],
  [
    'CVE-2022-28923, CVE-2022-29718: redirects of an origin within the path',
    [
      '//evil.test/',
      '//evil.test/%2f..',
      '/%5C%5Cevil.test/%252e%252e',
      '/public/..%2F%5cevil.test%2F%3f%2F..%2F..',
    ],
  ],
  [
    'backslashes that browsers read as slashes',
    [
      '/\\evil.test/..',
      '/\\evil.test',
      '/\\evil.test/%2e%2e/sub',
      '/%5cevil.test/..',
      '\\\\evil.test/sub',
    ],
  ],
  [
    'CVE-2014-6394, CVE-2025-58751: a sibling whose name begins as the root does',
    [
      '/../public-restricted/x',
      '/..%2fpublic-restricted/x',
      '/%2e%2e/public-restricted/x',
      '/../public-restricted%2fx',
    ],
  ],
  [
    'CVE-2025-58752, CVE-2014-3744, CVE-2018-3712: up and out',
    [
      '/../../tmp/secret.html',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/%2e%2e',
      '/%2e%2e/',
      '/sub/%2e%2e/%2e%2e/secret.txt',
      '/../../../../../../../../../../etc/passwd',
    ],
  ],
  [
    'CVE-2015-8859: errors that name the root',
    ['/file.txt%00', '/%', `/${'x'.repeat(4000)}`, '/sub/..%00'],
  ],
  [
    'CVE-2014-4650, gh-104711: programs that are shown or found elsewhere',
    ['/cgi-bin%2fhi.py', '/X:/cgi-bin/hi.py', '/..//cgi-bin/hi.py', '/cgi-bin//hi.py%20'],
  ],
  [
    'gh-104712, gh-157504: names that NTFS reads otherwise',
    [
      '/sub::$INDEX_ALLOCATION',
      '/sub::$INDEX_ALLOCATION/',
      '/sub:$I30:$INDEX_ALLOCATION',
      '/..%20/secret.txt',
      '/..%20./secret.txt',
      '/..%20.%20/secret.txt',
      '/...../secret.txt',
    ],
  ],
  [
    'CVE-2024-43799, bpo-1100201: markup in pages of errors and redirects',
    [
      '/<script>alert(1)</script>',
      '/"><script>alert(1)</script>',
      '/sub?x=<script>alert(1)</script>',
      '/sub?"><img src=x onerror=alert(1)>'.replaceAll(' ', '%20'),
      "/sub#'><script>alert(1)</script>",
      '/%22%3E%3Cscript%3Ealert(1)%3C/script%3E/',
    ],
  ],
  ['gh-104049: the query in the title of a listing', ['/?x=%bb', '/sub/?x=%bb', '/sub/?%00']],
  [
    'CVE-2019-10775: a form feed in a redirect',
    ['/%0c', '/sub%0c', '/%0c/..//sub', '//%0csub', '/sub?%0c', '/sub?a=%0d%0aX-Injected:%20yes'],
  ],
  [
    'many NULs, percents and separators',
    [
      `/${'%00'.repeat(2000)}`,
      `/${'%25'.repeat(2000)}`,
      '/'.repeat(4000),
      `/${'%2f'.repeat(2000)}`,
      `/${'\\'.repeat(4000)}`,
      `/${'./'.repeat(2000)}`,
      `/${'../'.repeat(1500)}`,
      `/sub?${'['.repeat(3000)}`,
    ],
  ],
  [
    'CVE-2018-3718, CVE-2018-3809, CVE-2019-5415, CVE-2025-46565: other spellings of what is hidden',
    [
      '/%2eenv',
      '/%2e%65nv',
      '/.env/.',
      '/./.env',
      '//.env',
      '/.env%00',
      '/%2egit/config',
      '/.git%2fconfig',
      '/sub/../.env',
      '/%5C.env',
      '/sub%5C..%5C.env',
    ],
  ],
  [
    'CVE-2026-29087, CVE-2026-39406, CVE-2026-54286: separators that a router and a file server read differently',
    [
      '/sub%2Fa.txt',
      '//sub/a.txt',
      '/sub%5Ca.txt',
      '/%73ub/a.txt',
      '/public/..%2fsub/a.txt',
      '/sub;/a.txt',
      '/sub%252fa.txt',
    ],
  ],
  [
    'gh-100001: control characters for the terminal that shows the log',
    ['/%1b[2J%1b]0;x%07', '/%0a127.0.0.1%20-%20forged', '/%c2%9b31m', '/%7f'],
  ],
]
