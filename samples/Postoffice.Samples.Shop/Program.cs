using Postoffice.Samples.Shop;

await using var app = ShopApplication.Create(new WebApplicationOptions { Args = args });
await app.RunAsync();
