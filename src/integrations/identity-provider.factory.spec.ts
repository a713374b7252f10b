import { createIdentityProviderFactory } from './identity-provider.factory.js';

const okta = (orgUrl: string, token = 'a-token-of-some-length') => ({ provider: 'okta', orgUrl, auth: { kind: 'apiToken', token } }) as const;

describe('createIdentityProviderFactory', () => {
  it('keeps one client per connection, and another for another credential', () => {
    const factory = createIdentityProviderFactory();
    const first = factory(okta('https://a.example.com'));
    expect(factory(okta('https://a.example.com'))).toBe(first);
    expect(factory(okta('https://a.example.com', 'another-token-of-it'))).not.toBe(first);
    expect(first.provider).toBe('okta');
  });

  it('opens Entra by its provider name', () => {
    const id = '11111111-1111-4111-8111-111111111111';
    expect(createIdentityProviderFactory()({ provider: 'entra', tenantId: id, clientId: id, auth: { kind: 'clientSecret', clientSecret: 'x' } }).provider).toBe('entra');
  });

  it('forgets the client that was unused for longest', () => {
    const factory = createIdentityProviderFactory();
    const first = factory(okta('https://a.example.com'));
    const second = factory(okta('https://b.example.com'));
    for (let index = 0; index < 63; index += 1) {
      expect(factory(okta('https://b.example.com'))).toBe(second);
      factory(okta(`https://c${index}.example.com`));
    }
    expect(factory(okta('https://b.example.com'))).toBe(second);
    expect(factory(okta('https://a.example.com'))).not.toBe(first);
  });
});
