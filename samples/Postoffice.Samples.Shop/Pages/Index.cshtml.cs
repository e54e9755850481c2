using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Postoffice.Ingestion;
using Postoffice.Messages;

namespace Postoffice.Samples.Shop.Pages;

/// <summary>Takes an order: it is on disk when the customer is thanked, and goes to whoever asked for the topic.</summary>
public sealed class IndexModel(IPostoffice postoffice) : PageModel
{
    private const string Topic = "orders";

    [BindProperty]
    [Required, StringLength(100)]
    public string Item { get; set; } = "Umbrella";

    [BindProperty]
    [Range(1, 100)]
    public int Pieces { get; set; } = 1;

    public Guid? Ordered { get; private set; }

    public async Task OnPostAsync(CancellationToken cancellationToken)
    {
        if (!ModelState.IsValid)
        {
            return;
        }

        try
        {
            var order = new NewMessage { Payload = JsonSerializer.SerializeToUtf8Bytes(new { item = Item, pieces = Pieces }) };
            Ordered = (await postoffice.PublishAsync(Topic, order, cancellationToken)).Id;
        }
        catch (UnknownTopicException)
        {
            ModelState.AddModelError("", $"There is no topic \"{Topic}\" yet. Olga creates it: log in as olga, Mail, Topics.");
        }
    }
}
