import { guessCategory, needsAttestation } from './api-platform.js';

describe('API platforms', () => {
  it.each(['openai-api', 'API keys', 'claude-api-key', 'Gemini API Platform', 'AWS Bedrock', 'azure-openai', 'Vertex AI', 'hugging-face', 'Groq Cloud'])('are recognised by a name such as %s', (name) => {
    expect(guessCategory({ key: 'x', name })).toBe('apiPlatform');
    expect(guessCategory({ key: name.toLowerCase().replaceAll(' ', '-'), name: 'x' })).toBe('apiPlatform');
  });
  it.each(['ChatGPT Enterprise', 'Claude Team', 'Capital AI', 'Rapid Writer', 'Microsoft 365 Copilot', 'replicated-notes', 'API explorer notes'])('are not seen in %s', (name) => {
    expect(guessCategory({ key: 'x', name })).toBe('application');
  });
  it.each([
    ['apiPlatform', 'okta', false, true], ['apiPlatform', 'okta', true, false], ['apiPlatform', 'none', false, false], ['application', 'entra', false, false],
  ] as const)('%s at %s, attested: %s, need an attestation: %s', (category, provider, attested, needed) => {
    expect(needsAttestation({ category, provider, attested })).toBe(needed);
  });
});
