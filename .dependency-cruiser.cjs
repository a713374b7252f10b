/** Allow-lists: a layer may import what is named here and nothing else (docs/architecture.md). @type {import('dependency-cruiser').IConfiguration} */
const layer = (names) => `^src/(${names})/`;
const npm = (names) => `(^|/)node_modules/(${names})(/|$)`;
const allow = (name, from, to, extra = {}) => ({
  name, severity: 'error', comment: `${from} may import only: ${to.join(', ')}`,
  from: { path: layer(from), pathNot: '\\.spec\\.ts$' }, to: { pathNot: to, ...extra },
});
const node = '^(node:)?(assert|buffer|child_process|crypto|events|fs|fs/promises|http|https|net|os|path|perf_hooks|process|readline|stream|stream/consumers|stream/promises|timers|timers/promises|tls|url|util|zlib|worker_threads|async_hooks|dns/promises)$';
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    allow('domain', 'domain', [layer('domain')]),
    allow('config', 'config', [layer('config'), npm('zod'), node]),
    allow('contracts', 'contracts', [layer('contracts|domain'), npm('zod')]),
    allow('workflows', 'workflows', [layer('workflows|domain'), '^src/activities/.*\\.port\\.ts$', npm('@temporalio/(workflow|common)')]),
    { name: 'workflows-see-ports-as-types-only', severity: 'error', from: { path: layer('workflows'), pathNot: '\\.spec\\.ts$' }, to: { path: '^src/activities/', dependencyTypesNot: ['type-only'] } },
    allow('application', 'application', [layer('application|domain|contracts'), node]),
    allow('activities', 'activities', [layer('activities|application|domain'), npm('@temporalio/activity|@temporalio/common')]),
    allow('persistence', 'persistence', [layer('persistence|domain|contracts|application|audit'), npm('typeorm|pg|@types/pg|reflect-metadata'), node]),
    allow('integrations', 'integrations', [layer('integrations|domain|application|http-signature'), '^src/contracts/core-api\\.contract\\.ts$', npm('zod|@okta/okta-sdk-nodejs|@azure/identity|jose'), node]),
    allow('http-signature', 'http-signature', [layer('http-signature|domain'), node]),
    allow('engine', 'engine', [layer('engine|application|domain'), '^src/workflows/.*/messages\\.ts$', npm('@temporalio/(client|common)'), node]),
    allow('audit', 'audit', [layer('audit|domain|application'), npm('pg|@types/pg|canonicalize|typeorm'), node]),
    { ...allow('api', 'api', [layer('api|application|contracts|domain|http-signature'), '^src/workflows/.*/messages\\.ts$', npm('@nestjs/.*|fastify|jose|rxjs|reflect-metadata|zod|prom-client|pino|@temporalio/(client|common)|swagger-ui-dist'), node]), from: { path: layer('api'), pathNot: '(\\.spec|\\.module|/main|/composition|/sandbox-control)\\.ts$' } },
    allow('cli', 'cli', [layer('cli|contracts|domain|config'), npm('zod|commander'), node]),
    allow('operator', 'operator', [layer('operator|application|domain|config|integrations|persistence|audit'), npm('zod|commander'), node]),
    { ...allow('core-api', 'core-api', [layer('core-api|application|contracts|domain|http-signature'), '^src/api/common/', npm('@nestjs/.*|fastify|zod|prom-client'), node]), from: { path: layer('core-api'), pathNot: '(\\.spec|/main|/serve)\\.ts$' } },
    { name: 'only-composition-roots-see-the-edges', severity: 'error', from: { path: '^src/(domain|contracts|workflows|application|activities|persistence|integrations|engine|audit|config)/' }, to: { path: layer('api|worker|stack|cli|operator') } },
    { name: 'the-product-does-not-know-the-sandbox', severity: 'error', from: { path: '^src/(domain|contracts|workflows|application|activities|persistence|integrations|audit|worker|operator)/' }, to: { path: layer('sandbox') } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
